/* SPDX-License-Identifier: Apache-2.0 */
/* What CivetWeb's public functions cannot do: take sockets that listen already, and end at once. */
#ifndef NETCHANGE_CIVETWEB_INTERNALS_H
#define NETCHANGE_CIVETWEB_INTERNALS_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mg_connection;
struct mg_context;

/* True if the thread that accepts connections was started: mg_start2() does not tell. */
bool civetweb_accepts(const struct mg_context* context);

/*
 * The server listens on `socket`, which it takes, instead of port number `which` of those that it
 * was started with. These are never opened. Call for each of them from the callback init_thread of
 * the thread that accepts connections (type 0), before it waits for the first one.
 */
void civetweb_listen(struct mg_context* context, unsigned int which, int socket);

/* Socket of a connection, borrowed. Call from a callback of the connection's thread. */
int civetweb_socket(const struct mg_connection* connection);

/*
 * Ends the server as mg_stop(), but its threads look at once. They wait in poll(): `wake` makes the
 * sockets of connections, and one of those that it listens on, readable. `context` is invalid
 * afterwards.
 */
void civetweb_stop(struct mg_context* context, void (*wake)(void* user), void* user);

#ifdef __cplusplus
}
#endif

#endif
