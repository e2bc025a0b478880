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

/** Of a message that has not begun. */
export function noFacts(): ScanFacts {
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
