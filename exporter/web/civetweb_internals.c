/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing else uses CivetWeb's internals. cmake/civetweb.sha256 fixes its source. */
#include "civetweb.c"

#include "civetweb_internals.h"

#if CIVETWEB_VERSION_MAJOR != 1 || CIVETWEB_VERSION_MINOR != 16
#error "compare the functions here with mg_stop() and master_thread_run() of this CivetWeb"
#endif

void civetweb_listen(struct mg_context* context, const int* sockets) {
  for (unsigned int i = 0; i < context->num_listening_sockets; ++i) {
    closesocket(context->listening_sockets[i].sock);
    context->listening_sockets[i].sock = sockets[i];
  }
}

int civetweb_socket(const struct mg_connection* connection) { return connection->client.sock; }

void civetweb_stop(struct mg_context* context, void (*wake)(void* user), void* user) {
  const pthread_t master = context->masterthreadid;

  context->masterthreadid = 0;
  STOP_FLAG_ASSIGN(&context->stop_flag, 1);
  wake(user);
  mg_join_thread(master); /* it joins the others */
  free_context(context);
}
