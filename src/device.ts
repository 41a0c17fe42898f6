/** The setting `headlight.device`. */
import * as vscode from 'vscode';
import type { Device } from './protocol';

const devices: readonly Device[] = ['auto', 'wasm', 'webgpu'];

/** The device wanted; what is not one (settings can hold anything) counts as `auto`. */
export function wantedDevice(): Device {
  const value = vscode.workspace.getConfiguration('headlight').get<unknown>('device');
  return devices.find((device) => device === value) ?? 'auto';
}

export function onDeviceChange(listener: (device: Device) => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration('headlight.device')) listener(wantedDevice());
  });
}
