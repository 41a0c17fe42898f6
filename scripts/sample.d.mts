export function copySample(target?: string): Promise<string>;
