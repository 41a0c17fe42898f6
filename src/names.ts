/** What people call a file or a folder: the last part of its address. */
import type { Uri } from 'vscode';

export const nameOf = ({ path }: Uri): string => path.replace(/\/$/, '').replace(/^.*\//, '');
