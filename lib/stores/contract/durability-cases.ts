import { digest, fresh, grantRecord, lives, minute, must, mustEqual, openGrant, plainRecord, tokenRecord, tokenVersion, versionOf, type StoreCase } from './subject';

/** Promises about what an engine leaves behind. */
export const durabilityCases: readonly StoreCase[] = [
    {
        name: 'what was acknowledged survives a restart: records, grants, tokens, uses, rotations and revocations',
        needs: 'restart',
        run: async (subject) => {

            const { store, restart } = subject;
            if (restart === undefined) {
                return;
            }

            const record = plainRecord(subject, { value: { a: 1 } });
            await store.put(record);
            const version = await versionOf(store, record);
            const deleted = plainRecord(subject);
            await store.put(deleted);
            await store.delete(deleted.kind, deleted.key);
            const name = fresh();
            const live = await openGrant(subject, { grant: { subject: name }, token: { value: { b: 2 } } });
            const used = await openGrant(subject);
            await store.addTokens(used.grant.id, [], undefined, subject.now());
            const usedGrant = await store.findGrant(used.grant.id);
            await store.consume(used.token);
            const revoked = await openGrant(subject);
            await store.revokeGrant(revoked.grant.id);
            const rotated = await openGrant(subject);
            const successor = tokenRecord(subject, rotated.grant);
            const rotation = { token: rotated.token, version: await tokenVersion(store, rotated.token), value: { grace: true }, expiresAt: subject.now() + minute };
            await store.rotate({ ...rotation, tokens: [successor] });

            const reopened = await restart();
            await reopened.initialize();
            mustEqual((await reopened.get(record.kind, record.key))?.value, record.value, 'What get answers after a restart');
            must(await reopened.replace(record, version), 'A version changed by a restart');
            mustEqual(await reopened.get(deleted.kind, deleted.key), null, 'What get answers for a deleted record after a restart');
            const found = await reopened.findToken(live.token);
            mustEqual([found?.value, found?.used, found?.grant], [{ b: 2 }, false, live.grant], 'What findToken answers after a restart');
            mustEqual((await reopened.listGrants('subject', name)).items, [live.grant], 'The grants of a subject after a restart');
            mustEqual(await reopened.findGrant(used.grant.id), usedGrant, 'A grant that was used, after a restart');
            mustEqual([await reopened.consume(live.token), await reopened.consume(used.token), await reopened.consume(revoked.token)], ['ok', 'used', 'missing'], 'What consume answers after a restart for a [live, used, revoked] code');
            mustEqual(await reopened.rotate({ ...rotation, tokens: [] }), 'conflict', 'What rotate answers after a restart for a rotated token');
            mustEqual((await reopened.findToken(rotated.token))?.value, { grace: true }, 'The value of a rotated token after a restart');
            must(await lives(reopened, successor), 'A successor was forgotten by a restart');
        }
    },
    {
        name: 'a dump of the engine holds nothing that a client presents',
        needs: 'dump',
        run: async (subject) => {

            const { store, dump } = subject;
            if (dump === undefined) {
                return;
            }

            const [jti, first, second, third, fourth] = [fresh(), fresh(), fresh(), fresh(), fresh()];
            const marker = fresh();
            await store.put(plainRecord(subject, { key: digest(jti), value: { marker } }));
            const grant = grantRecord(subject);
            const token = tokenRecord(subject, grant, { key: digest(first) });
            await store.openGrant(grant, [token, tokenRecord(subject, grant, { kind: 'code', key: digest(second) })]);
            await store.addTokens(grant.id, [tokenRecord(subject, grant, { key: digest(third) })]);
            await store.consume({ kind: 'code', grantId: grant.id, key: digest(second) });
            await store.rotate({ token, version: await tokenVersion(store, token), value: {}, expiresAt: token.expiresAt, tokens: [tokenRecord(subject, grant, { key: digest(fourth) })] });

            const dumped = await dump();
            must(dumped.includes(marker), 'The dump lacks what was just stored: it is a dump of something else, and proves nothing');
            mustEqual([jti, first, second, third, fourth].filter((secret) => dumped.includes(secret)), [], 'What the dump holds of what was presented');
        }
    }
];
