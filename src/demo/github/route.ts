import type { Answer, Call, RepositoryHandler } from './call.ts';
import type { Needs } from './permissions.ts';
import type { App, Permission } from './world.ts';

/** How an operation is reached, and what answers it. */
export type Route =
  | { readonly access: 'repository'; readonly needs: Needs; readonly handle: RepositoryHandler }
  | { readonly access: 'app'; readonly handle: (call: Call, app: App) => Answer | Promise<Answer> }
  | { readonly access: 'any'; readonly handle: (call: Call) => Answer | Promise<Answer> };

/** Operation id → route. */
export type Routes = Readonly<Record<string, Route>>;

/** For a repository that the caller may see; `app` lists the permissions any one of which is enough. */
export function inRepository(app: readonly string[], person: Permission | 'nobody', handle: RepositoryHandler): Route {
  return { access: 'repository', needs: { app, person }, handle };
}

/** For an App with its JWT. */
export function asApp(handle: (call: Call, app: App) => Answer | Promise<Answer>): Route {
  return { access: 'app', handle };
}

/** For anyone whose credentials are good, or who shows none; the handler asks for more where it needs it. */
export function asAnyone(handle: (call: Call) => Answer | Promise<Answer>): Route {
  return { access: 'any', handle };
}
