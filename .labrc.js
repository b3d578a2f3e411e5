'use strict';

const { readdirSync } = require('node:fs');
const { join } = require('node:path');

module.exports = {
    typescript: true,
    assert: '@hapi/code',
    'coverage': true,
    'coverage-path': 'lib',
    'coverage-exclude': process.env.REDIS_URL ? [] : ['stores/redis', 'redis.ts'],     // Measured where there is a Redis: .ci/with-redis npm test
    threshold: 100,
    globals: 'CSS,__core-js_shared__,Symbol(react-redux-context)',       // Of Swagger UI, which hapi-swagger loads
    paths: readdirSync(join(__dirname, 'test')).filter((name) => name !== 'browser').map((name) => `test/${name}`),       // Those need Chromium: npm run test:browser
    timeout: 60000
};
