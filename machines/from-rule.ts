/**
 * How charts ask rules. An implementation calls a rule on the context (`fromRule`); a state names it
 * and hands it the event (`withEvent`) or the message that came as one (`withMessage`), narrowed to
 * what the state has just received, so that the compiler refuses a rule that takes something else.
 */

/** The rule as XState calls a guard, or whatever `assign`, `emit` and `sendParent` are given. */
export const fromRule =
  <State, Result, Params = undefined>(rule: (state: State, params: Params) => Result) =>
  ({ context }: { readonly context: State }, params: Params) =>
    rule(context, params);

/** The guard or action of that name, asked with the event. */
export const withEvent = <Name extends string, Event>(type: Name) => ({
  type,
  params: ({ event }: { readonly event: Event }): NoInfer<Event> => event,
});

/** The guard or action of that name, asked with the message that the event brings. */
export const withMessage = <Name extends string, Message>(type: Name) => ({
  type,
  params: ({ event }: { readonly event: { readonly message: Message } }): NoInfer<Message> =>
    event.message,
});
