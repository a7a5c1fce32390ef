'use strict';
// Checks exchanges against the official OpenAPI documents. Started as `node oracle_child.js ORACLE SPECIFICATION...`; reads one JSON
// exchange per line {method, url, headers, body, status, answer} and writes one line {request: [faults], answer: [faults]} for each.
const readline = require('readline');
const { Oracle } = require(process.argv[2]);

const oracle = new Oracle(process.argv.slice(3));
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const { method, url, headers, body, status, answer } = JSON.parse(line);
  const result = { request: oracle.request({ method, url, headers, body }).errors };
  if (status) result.answer = oracle.response({ method, url, status, body: answer }).errors;
  process.stdout.write(JSON.stringify(result) + '\n');
});
