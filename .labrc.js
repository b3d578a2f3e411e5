'use strict';

module.exports = {
    typescript: true,
    assert: '@hapi/code',
    'coverage': true,
    'coverage-path': 'lib',
    'coverage-exclude': process.env.REDIS_URL ? [] : ['stores/redis', 'redis.ts'],     // Measured where there is a Redis: .ci/with-redis npm test
    threshold: 100,
    paths: ['test'],
    timeout: 10000
};
