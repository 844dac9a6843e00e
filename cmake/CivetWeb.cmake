# SPDX-License-Identifier: Apache-2.0
# The library netchange_civetweb: the HTTP server CivetWeb, compiled from an archive whose hash is in civetweb.sha256.
# Debian's own library has no IPv6 on Debian 12, and gives the server's threads stacks of 100 KiB. What is compiled here
# is HTTP/1 alone: no files, no CGI, no WebSocket, no TLS. CONTRIBUTING.md says who watches over its security.
set(NETCHANGE_CIVETWEB_ARCHIVE "$ENV{NETCHANGE_CIVETWEB_ARCHIVE}" CACHE FILEPATH "CivetWeb's source archive; empty: the one that ./dev setup fetched")

file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/civetweb.sha256 line LIMIT_COUNT 1)
string(REGEX MATCH "^([0-9a-f]+)  (.+)$" line "${line}")
set(civetweb_hash ${CMAKE_MATCH_1})
set(civetweb_archive ${NETCHANGE_CIVETWEB_ARCHIVE})
if(NOT civetweb_archive)
  set(cache $ENV{XDG_CACHE_HOME})
  if(NOT cache)
    set(cache $ENV{HOME}/.cache)
  endif()
  set(civetweb_archive ${cache}/netchange_exporter/${CMAKE_MATCH_2})
endif()
if(NOT EXISTS ${civetweb_archive})
  message(FATAL_ERROR "there is no ${civetweb_archive}: run ./dev setup exporter, or set NETCHANGE_CIVETWEB_ARCHIVE")
endif()

include(FetchContent)
# SOURCE_SUBDIR: a folder without a CMakeLists.txt, because CivetWeb's own is not used.
FetchContent_Declare(civetweb_source URL ${civetweb_archive} URL_HASH SHA256=${civetweb_hash} SOURCE_SUBDIR none
                                     DOWNLOAD_EXTRACT_TIMESTAMP ON)
FetchContent_MakeAvailable(civetweb_source)
find_package(Threads REQUIRED)

add_library(netchange_civetweb STATIC ${civetweb_source_SOURCE_DIR}/src/civetweb.c)
target_include_directories(netchange_civetweb SYSTEM PUBLIC ${civetweb_source_SOURCE_DIR}/include)
# An empty CIVETWEB_API keeps the symbols hidden: Debian's library may be in the same process.
target_compile_definitions(netchange_civetweb PUBLIC CIVETWEB_API=
                                              PRIVATE USE_IPV6 NO_SSL NO_FILES NO_CGI NO_CACHING NDEBUG)
target_compile_options(netchange_civetweb PRIVATE -w -fvisibility=hidden)
target_link_libraries(netchange_civetweb PUBLIC Threads::Threads)
