# SPDX-License-Identifier: Apache-2.0
# The library netchange_civetweb: the HTTP server CivetWeb, compiled from an archive, with Debian's security patches. Their
# hashes are in civetweb.sha256. Debian's own library has no IPv6 on Debian 12, and gives the server's threads stacks of
# 100 KiB. What is compiled here is HTTP/1 alone: no files, no CGI, no WebSocket, no TLS. CONTRIBUTING.md says who watches
# over its security.
set(NETCHANGE_CIVETWEB_ARCHIVE "$ENV{NETCHANGE_CIVETWEB_ARCHIVE}" CACHE FILEPATH "CivetWeb's source archive; empty: the one that ./dev setup fetched")

# The archive of the source, and that of Debian's patches.
file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/civetweb.sha256 lines)
foreach(part source patches)
  list(POP_FRONT lines line)
  string(REGEX MATCH "^([0-9a-f]+)  (.+)$" line "${line}")
  set(civetweb_${part}_hash ${CMAKE_MATCH_1})
  set(civetweb_${part} ${CMAKE_MATCH_2})
endforeach()
set(cache $ENV{XDG_CACHE_HOME})
if(NOT cache)
  set(cache $ENV{HOME}/.cache)
endif()
if(NETCHANGE_CIVETWEB_ARCHIVE)
  get_filename_component(civetweb_source ${NETCHANGE_CIVETWEB_ARCHIVE} ABSOLUTE)
  get_filename_component(folder ${civetweb_source} DIRECTORY)
else()
  set(folder ${cache}/netchange_exporter)
  set(civetweb_source ${folder}/${civetweb_source})
endif()
set(civetweb_patches ${folder}/${civetweb_patches})
if(NOT EXISTS ${civetweb_source})
  message(FATAL_ERROR "there is no ${civetweb_source}: run ./dev setup exporter, or set NETCHANGE_CIVETWEB_ARCHIVE")
endif()

include(FetchContent)
# A mirror keeps only Debian's newest patches. These correct nothing that the exporter calls, so it is built without them, too.
set(patch_command)
set(content civetweb_unpatched)
if(EXISTS ${civetweb_patches})
  # SOURCE_SUBDIR: a folder without a CMakeLists.txt, because CivetWeb's own is not used.
  FetchContent_Declare(civetweb_patches URL ${civetweb_patches} URL_HASH SHA256=${civetweb_patches_hash}
                                        SOURCE_SUBDIR none DOWNLOAD_EXTRACT_TIMESTAMP ON)
  FetchContent_MakeAvailable(civetweb_patches)
  find_program(PATCH patch)
  if(NOT PATCH)
    message(FATAL_ERROR "there is no patch: install the package patch")
  endif()
  set(patch ${PATCH} --batch -p1 -i ${civetweb_patches_SOURCE_DIR}/patches)
  set(patch_command PATCH_COMMAND ${patch}/CVE-2025-55763.patch
                    COMMAND ${patch}/0001-Make-parsing-of-URL-encoded-forms-more-robust.patch)
  # Other patches need a source that is not patched yet.
  string(SUBSTRING ${civetweb_patches_hash} 0 8 version)
  set(content civetweb_${version})
else()
  message(WARNING "there is no ${civetweb_patches}: CivetWeb is built without Debian's security patches")
endif()
FetchContent_Declare(${content} URL ${civetweb_source} URL_HASH SHA256=${civetweb_source_hash}
                                SOURCE_SUBDIR none DOWNLOAD_EXTRACT_TIMESTAMP ON ${patch_command})
FetchContent_MakeAvailable(${content})
find_package(Threads REQUIRED)

# This file includes civetweb.c.
add_library(netchange_civetweb STATIC ${PROJECT_SOURCE_DIR}/exporter/web/civetweb_internals.c)
target_include_directories(netchange_civetweb SYSTEM PUBLIC ${${content}_SOURCE_DIR}/include
                                                     PRIVATE ${${content}_SOURCE_DIR}/src)
# An empty CIVETWEB_API keeps the symbols hidden: Debian's library may be in the same process.
target_compile_definitions(netchange_civetweb PUBLIC CIVETWEB_API=
                                              PRIVATE USE_IPV6 NO_SSL NO_FILES NO_CGI NO_CACHING NDEBUG)
target_compile_options(netchange_civetweb PRIVATE -w -fvisibility=hidden)
target_link_libraries(netchange_civetweb PUBLIC Threads::Threads)
