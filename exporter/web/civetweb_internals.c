/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing else uses CivetWeb's internals. cmake/civetweb.sha256 fixes its source. */
#define _GNU_SOURCE /* as civetweb.c, before the first header */

/* The sockets that it makes are only replaced. So they get no ports. */
#include <sys/socket.h>
#define bind(socket, address, size) 0
#define listen(socket, backlog) 0

#include "civetweb.c"

#include "civetweb_internals.h"

#if CIVETWEB_VERSION_MAJOR != 1 || CIVETWEB_VERSION_MINOR != 16
#error "compare the functions here with mg_stop() and master_thread_run() of this CivetWeb"
#endif

bool civetweb_accepts(const struct mg_context* context) { return context->masterthreadid != 0; }

void civetweb_listen(struct mg_context* context, unsigned int which, int socket) {
  closesocket(context->listening_sockets[which].sock);
  context->listening_sockets[which].sock = socket;
}

int civetweb_socket(const struct mg_connection* connection) { return connection->client.sock; }

// Connections that no thread has begun with: in the queue, or just taken from it.
static void close_others(struct mg_context* context) {
  for (; context->sq_tail < context->sq_head; ++context->sq_tail)
    closesocket(context->squeue[context->sq_tail % context->sq_size].sock);
  for (unsigned int i = 0; i < context->cfg_worker_threads; ++i) {
    const struct socket* client = &context->worker_connections[i].client;
    if (client->lsa.sa.sa_family && client->sock != INVALID_SOCKET) closesocket(client->sock);
  }
}

void civetweb_stop(struct mg_context* context, void (*wake)(void* user), void* user) {
  const pthread_t master = context->masterthreadid;

  context->masterthreadid = 0;
  STOP_FLAG_ASSIGN(&context->stop_flag, 1);
  wake(user);
  if (master)
    mg_join_thread(master);  // it joins the others
  else
    master_thread_run(context);  // it was never started
  close_others(context);
  free_context(context);
}
