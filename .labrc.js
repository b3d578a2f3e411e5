'use strict';

module.exports = {
    typescript: true,
    assert: '@hapi/code',
    'coverage': true,
    'coverage-path': 'lib',
    threshold: 100,
    paths: ['test'],
    timeout: 10000
};
