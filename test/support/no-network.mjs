// Loaded with `node --import`: whoever opens a socket or looks up a name ends the process at once.
import dgram from 'node:dgram';
import dns from 'node:dns';
import net from 'node:net';
import process from 'node:process';

function trap() {
  process.stderr.write('the network was touched\n');
  process.exit(99);
}

net.Socket.prototype.connect = trap;
net.connect = trap;
net.createConnection = trap;
dgram.createSocket = trap;
dns.lookup = trap;
dns.promises.lookup = trap;
globalThis.fetch = trap;
