import { TrustedProxies, type TrustedProxyOptions } from '../endpoints/client-address';
import { checkRateLimit, type RateLimitSetting, type RateLimitsOptions } from '../endpoints/rate-limit';
import { PageSetters } from './page-setters';

/** The setters of the hub that say how often somebody may try what can be guessed, and where they are. */
export abstract class LimitSetters extends PageSetters {

    #proxies: Parameters<LimitSetters['setTrustedProxies']> = [[]];
    #rateLimit: RateLimitSetting = {};

    /**
     * The proxies in front of the server, as addresses and ranges such as `10.0.0.0/8`: the address of a client is then the rightmost one in
     * `X-Forwarded-For` that is not theirs. Without them it is the socket's, whatever a header says.
     *
     * `{ header: 'forwarded' }` reads `Forwarded` instead (RFC 7239). Throws at registration for what is no address, and for a range of all addresses.
     */
    setTrustedProxies(proxies: readonly string[], options: TrustedProxyOptions = {}): this {

        this.guard('setTrustedProxies');
        this.#proxies = [proxies, options];
        return this;
    }

    /**
     * How often somebody may try a password, a client's secret, a refresh token or the code of a device before they are answered 429 with
     * `Retry-After`: numbers in place of the defaults, or a function that decides itself. Only failures are counted.
     *
     * `interaction` and `registration` count what strangers make the server remember, right or wrong.
     *
     * `false` counts nothing at all: **anybody may then try passwords as fast as the server answers.** Throws at registration for other settings.
     */
    setRateLimit(limit: RateLimitSetting): this {

        this.guard('setRateLimit');
        this.#rateLimit = limit;
        return this;
    }

    /** @internal Throws a sentence for what cannot be meant. */
    protected get limits(): Pick<RateLimitsOptions, 'setting' | 'proxies'> {

        checkRateLimit(this.#rateLimit);
        return { setting: this.#rateLimit, proxies: new TrustedProxies(...this.#proxies) };
    }
}
