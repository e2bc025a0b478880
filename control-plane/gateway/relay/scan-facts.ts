/** What a message turned out to be; complete once the message has ended. */
export interface ScanFacts {
  id: string | undefined;
  method: boolean;
  /** Of a request or notification. */
  methodName: string | undefined;
  /** Of a log message. */
  level: string | undefined;
  /** The result asks the client for something (MCP 2026-07-28, multi round-trip requests). */
  inputRequired: boolean;
  result: boolean;
  error: boolean;
  isError: boolean;
  errorCode: number | undefined;
}

export function newFacts(): ScanFacts {
  return {
    id: undefined,
    method: false,
    methodName: undefined,
    level: undefined,
    inputRequired: false,
    result: false,
    error: false,
    isError: false,
    errorCode: undefined,
  };
}

/** Notes the JSON text of the member at one of `READ_PATHS`. */
export function learn(facts: ScanFacts, path: string, text: string): void {
  if (path === 'id') facts.id = text;
  else if (path === 'method') facts.methodName = textOf(text);
  else if (path === 'params.level') facts.level = textOf(text);
  else if (path === 'result.resultType') facts.inputRequired ||= text === '"input_required"';
  else if (path === 'result.isError') facts.isError = text === 'true';
  else facts.errorCode = Number(text);
}

function textOf(json: string): string {
  try {
    return String(JSON.parse(json));
  } catch {
    return '';
  }
}
