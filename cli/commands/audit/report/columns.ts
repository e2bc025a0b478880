import type { ListedPerson } from '#shared/api/person.js';
import type { Column } from './print-report.js';

/** What several reports have in common. */
export function personColumn<Row extends { readonly person: ListedPerson | null }>(): Column<Row> {
  return {
    title: 'Person',
    value: ({ person }) => (person === null ? null : (person.email ?? person.name ?? person.id)),
  };
}

export function serverColumn<Row extends { readonly server: string | null }>(): Column<Row> {
  return { title: 'Server', value: ({ server }) => server };
}

/** Of a tool its name; of anything else what it is, too. */
export function targetColumn<Row extends { readonly target: string; readonly type: string }>(): Column<Row> {
  return { title: 'Tool', value: ({ target, type }) => (type === 'tool.call' ? target : `${type} ${target}`) };
}

export function time(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
