import { isProcedure } from '../contract/define.ts';
import type { CallOptions, Client, Procedure, Procedures, SubscribeOptions } from '../contract/types.ts';
import { isMuntinError, reportErrors } from '../errors.ts';
import { checkOptions, findWrongOption, type OptionKinds } from '../options.ts';
import { showAs } from '../reference/mark.ts';
import type { Caller } from './caller.ts';

/**
 * An object with one function per procedure, nested as the contract nests them. It has no prototype and nothing but these
 * functions, no `then` and no `constructor`; as a string it shows what it is, and calls nobody.
 */
export function createClient<P extends Procedures>(procedures: P, caller: Caller, prefix = ''): Client<P> {
  return createGroup(procedures, caller, prefix) as Client<P>; // built entry by entry from the contract that P is the type of
}

function createGroup(procedures: Procedures, caller: Caller, prefix: string): object {
  const group: Record<string, unknown> = Object.create(null);
  for (const [name, entry] of Object.entries(procedures)) {
    const path = prefix + name;
    if (!isProcedure(entry)) group[name] = createGroup(entry, caller, `${path}.`);
    else if (entry.runtime !== undefined) {
      const { consume } = entry.runtime;
      group[name] = (input: unknown, options?: SubscribeOptions) =>
        consume((receiver) => {
          if (options !== undefined) checkOptions(`"${path}"`, options, subscribeKinds);
          return caller.subscribe(path, entry, input, receiver, options);
        });
    } else if (entry.kind === 'event')
      group[name] = (input: unknown) => void caller.call(path, entry, input).catch(reportRefusal);
    else group[name] = (input: unknown, options?: CallOptions) => call(caller, path, entry, input, options);
  }
  showAs(group, 'Client');
  return Object.freeze(group);
}

/** Nobody waits for an event: a value that does not cross, or is not taken, and a hook that throws, are mistakes of this page, and are reported as such. */
function reportRefusal(error: unknown): void {
  if (!isMuntinError(error) || /^VALUE_|^IN(?:PUT_INVALID|VALID_OPTION)$/.test(error.code))
    reportErrors(() => {
      throw error;
    });
}

/** Of the options of a call. */
export const callKinds: OptionKinds<CallOptions> = { signal: 'signal', timeoutMs: 'any' };
const subscribeKinds: OptionKinds<SubscribeOptions> = /* @__PURE__ */ (() => ({
  ...callKinds,
  window: 'any',
}))();

function call(
  caller: Caller,
  path: string,
  procedure: Procedure,
  input: unknown,
  options: CallOptions | undefined,
): Promise<unknown> {
  const wrong = options === undefined ? undefined : findWrongOption(`"${path}"`, options, callKinds);
  return wrong === undefined ? caller.call(path, procedure, input, options) : Promise.reject(wrong);
}
