import { createServer } from 'node:net';

// A process of its own that takes connections and cuts them off: what an attacker costs the machine, and no server of ours.
const decoy = createServer(socket => socket.destroy()).listen(0, '127.0.0.1', () => process.send?.(decoy.address()));
process.on('disconnect', () => process.exit(0));
