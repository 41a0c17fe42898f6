export function fetchNative(): Promise<typeof import('onnxruntime-common')>;
