export const root: string;
export function npm(args: string[], options: { cwd?: string; failure: string }): Promise<string>;
