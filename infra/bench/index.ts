export { benchInit } from './init.ts';
export { printTable } from './print-table.ts';
