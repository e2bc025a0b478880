/** What a property list can hold here. */
type PropertyValue = string | number | boolean | readonly PropertyValue[] | PropertyDictionary;

export interface PropertyDictionary {
  readonly [key: string]: PropertyValue;
}

/** An XML property list (plist(5)). `comment` must not hold `--`. */
export function propertyList(value: PropertyDictionary, comment?: string): string {
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    ...(comment === undefined ? [] : [`<!-- ${comment} -->`]),
    '<plist version="1.0">',
    ...element(value),
    '</plist>',
  ];
  return `${lines.join('\n')}\n`;
}

function element(value: PropertyValue): string[] {
  if (typeof value === 'string') return [`<string>${xml(value)}</string>`];
  if (typeof value === 'number') return [`<integer>${value}</integer>`];
  if (typeof value === 'boolean') return [value ? '<true/>' : '<false/>'];
  if (isList(value)) return ['<array>', ...indented(value.flatMap(element)), '</array>'];
  const members: string[] = [];
  for (const [key, member] of Object.entries(value)) members.push(`<key>${xml(key)}</key>`, ...element(member));
  return ['<dict>', ...indented(members), '</dict>'];
}

/** Array.isArray does not narrow a readonly array. */
const isList = (value: readonly PropertyValue[] | PropertyDictionary): value is readonly PropertyValue[] =>
  Array.isArray(value);

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

/** Text as the content of an element: nothing in it can end the element. */
function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
