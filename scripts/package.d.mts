export function vsixPath(): Promise<string>;
export function makePackage(): Promise<{ name: string; problem?: string }[]>;
