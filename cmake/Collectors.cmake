# SPDX-License-Identifier: Apache-2.0
# Reads the list of collectors, the only one, from collectors.def. Sets NETCHANGE_COLLECTORS.

set(list ${PROJECT_SOURCE_DIR}/bpf/abi/collectors.def)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${list})
file(STRINGS ${list} lines REGEX "^COLLECTOR\\(")
set(NETCHANGE_COLLECTORS "")
foreach(line IN LISTS lines)
  string(REGEX REPLACE "^COLLECTOR\\(([a-z_]+),.*" "\\1" name "${line}")
  foreach(file bpf/${name}.bpf.h bpf/${name}.bpf.c exporter/collectors/${name}.cpp)
    if(NOT EXISTS ${PROJECT_SOURCE_DIR}/${file})
      message(FATAL_ERROR "collector ${name} of collectors.def has no ${file}")
    endif()
  endforeach()
  list(APPEND NETCHANGE_COLLECTORS ${name})
endforeach()
