import type { GrantType } from './grant-type';

/** What a device polls with (RFC 8628 §3.4). */
export interface DeviceCodeParameters {
    readonly deviceCode: string;
}

export const deviceCode: GrantType<DeviceCodeParameters> = {
    type: 'urn:ietf:params:oauth:grant-type:device_code',
    read: (form) => ({ deviceCode: form.require('device_code') })
};
