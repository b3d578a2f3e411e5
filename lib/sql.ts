export { SqlStore, type SqlStoreOptions } from './stores/sql/sql-store';
export type { SqlClient } from './stores/sql/client';
