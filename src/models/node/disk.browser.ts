/** The browser's extension host has no disk (see disk.ts). */
import type { Disk } from './disk';

export const disk: Disk | null = null;
