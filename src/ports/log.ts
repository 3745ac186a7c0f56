/** Structured log: a static message and an object (style.md rule 12). `error` wakes an operator. */
export interface Log {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
  debug(fields: object, message: string): void;
}
