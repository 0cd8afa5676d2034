/** By what both sides know the context: an extension without procedures, for the host notes each one, and the guest takes it. */
export const contextPath = '+muntin/context';
