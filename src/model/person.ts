/** Somebody on the forge. `id` is the identity; `login` may be renamed or reused and is only shown. */
export interface Person {
  readonly id: number;
  readonly login: string;
  readonly kind: 'user' | 'bot';
}

export type Permission = 'none' | 'read' | 'triage' | 'write' | 'maintain' | 'admin';

/** What the forge says about a person's rights now; `unknown` when it could not be read, which never grants anything. */
export type Rights =
  | { readonly known: true; readonly permission: Permission; readonly member: boolean }
  | { readonly known: false; readonly because: string };

/** Whether somebody is on a list; what could not be read never grants anything. */
export type Listed =
  | { readonly known: true; readonly listed: boolean }
  | { readonly known: false; readonly because: string };
