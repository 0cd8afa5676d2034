// oxlint-disable-next-line import/no-unassigned-import -- The same page: superjson is its default.
import './guest.ts';
