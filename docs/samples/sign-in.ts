import { around, MuntinError } from '@muntin/core';

export interface User {
  readonly name: string;
}

/** Gives each handler the user behind the call, and refuses calls without one. */
export const signIn = (findUser: (origin: string) => Promise<User | undefined>) =>
  around<{ user: User }>({
    async incoming({ peer, path }, next) {
      const user = await findUser(peer?.origin ?? '');
      if (user === undefined) throw new MuntinError('PROCEDURE_NOT_FOUND', `${path} is not served to you`);
      return next({ context: { user } });
    },
  });
