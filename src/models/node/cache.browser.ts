/** The browser's extension host has no disk to keep models on (see cache.ts). */
import type { HubCache } from '../hub/cache';

export const hubCache = (_root: string): HubCache | null => null;
