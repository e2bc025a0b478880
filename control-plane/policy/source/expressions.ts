import type { Expr } from '@cedar-policy/cedar-wasm/nodejs';

/** The expressions that one is made of, in the JSON form of Cedar policies. Values and variables have none. */
export function partsOf(expression: Expr): readonly Expr[] {
  const [[operator, operands] = ['', undefined]] = Object.entries(expression as Readonly<Record<string, unknown>>);
  if (operator === 'Value' || operator === 'Var' || operator === 'Slot') return [];
  if (Array.isArray(operands)) return operands as Expr[];
  if (!isRecord(operands)) return [];
  // Names of attributes are the writer's own in a record; elsewhere they are texts, and patterns are lists.
  return Object.values(operands).filter((part): part is Expr => isRecord(part));
}

/** `context.args.amount` → `["args", "amount"]`; undefined for what does not start at `context`. */
export function contextPath(expression: Expr): readonly string[] | undefined {
  if ('Var' in expression) return expression.Var === 'context' ? [] : undefined;
  const access = accessOf(expression);
  if (access === undefined) return undefined;
  const before = contextPath(access.left);
  return before === undefined ? undefined : [...before, access.attr];
}

/** `context.args has a.b` → `["args", "a", "b"]`. */
export function testedPath(expression: Expr): readonly string[] | undefined {
  if (!('has' in expression) || Array.isArray(expression.has)) return undefined;
  const { left, attr } = expression.has;
  const before = contextPath(left);
  return before === undefined ? undefined : before.concat(attr);
}

function accessOf(expression: Expr): { readonly left: Expr; readonly attr: string } | undefined {
  return '.' in expression && !Array.isArray(expression['.']) ? expression['.'] : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
