/** Routes whose screens come with the page itself, so that the address shows as early as possible. */
import type { Route } from '../client/route.ts';

/** A route that needs nothing loaded later. */
export type FirstRoute = Extract<Route, { kind: 'wallet' | 'receive' }>;
