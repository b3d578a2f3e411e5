import type { Flow } from '../flow';
import { clientCredentials } from './client-credentials';
import { code } from './code';
import { device } from './device';
import { exchange } from './exchange';
import { inspect } from './inspect';
import { logout } from './logout';
import { refresh } from './refresh';

/** The flows of the playground, in the order of the list. */
export const flows: readonly Flow[] = [code, clientCredentials, device, refresh, exchange, inspect, logout];
