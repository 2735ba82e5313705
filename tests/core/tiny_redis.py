"""Enough of a Redis server, over a real socket, for a counter and a sorted set: SET NX and EX, GET, MGET, INCRBY, ZADD,
ZREM, ZREMRANGEBYSCORE, ZCOUNT, MULTI and EXEC."""

import socketserver
import threading


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Talk)
        self.rows, self.lock = {}, threading.Lock()
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.server_address[1]}/0?protocol=2"

    def answer(self, words) -> bytes:
        command, *rest = words
        match command.upper(), rest:
            case b"SET", [key, value, b"NX"]:
                fresh = key not in self.rows
                self.rows.setdefault(key, value)
                return b"+OK\r\n" if fresh else b"$-1\r\n"
            case b"SET", [key, value, b"EX", _seconds]:
                self.rows[key] = value
                return b"+OK\r\n"
            case b"MGET", keys:
                values = [self.answer([b"GET", key]) for key in keys]
                return b"*%d\r\n" % len(keys) + b"".join(values)
            case b"GET", [key]:
                value = self.rows.get(key)
                return b"$-1\r\n" if value is None else b"$%d\r\n%s\r\n" % (len(value), value)
            case b"INCRBY", [key, more]:
                self.rows[key] = b"%d" % (int(self.rows.get(key, 0)) + int(more))
                return b":" + self.rows[key] + b"\r\n"
            case b"ZADD", [key, score, member]:
                self.rows.setdefault(key, {})[member] = float(score)
                return b":1\r\n"
            case b"ZREM", [key, member]:
                return b":%d\r\n" % (self.rows.get(key, {}).pop(member, None) is not None)
            case b"ZCOUNT" | b"ZREMRANGEBYSCORE", [key, least, most]:
                members = self.rows.get(key, {})
                found = [member for member, score in members.items() if float(least) <= score <= float(most)]
                for member in found if command.upper() != b"ZCOUNT" else ():
                    del members[member]
                return b":%d\r\n" % len(found)
            case b"CLIENT" | b"SELECT", _:
                return b"+OK\r\n"
        return b"-ERR unknown command\r\n"


class Talk(socketserver.StreamRequestHandler):
    def handle(self):
        queue = None
        while words := self.words():
            command = words[0].upper()
            if command == b"MULTI":
                queue, reply = [], b"+OK\r\n"
            elif command == b"EXEC":
                with self.server.lock:
                    reply = b"*%d\r\n" % len(queue) + b"".join(self.server.answer(each) for each in queue)
                queue = None
            elif queue is not None:
                queue.append(words)
                reply = b"+QUEUED\r\n"
            else:
                with self.server.lock:
                    reply = self.server.answer(words)
            self.wfile.write(reply)

    def words(self):
        head = self.rfile.readline()
        if not head.startswith(b"*"):
            return None
        return [self.rfile.read(int(self.rfile.readline()[1:]) + 2)[:-2] for _ in range(int(head[1:]))]
