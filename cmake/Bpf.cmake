# SPDX-License-Identifier: Apache-2.0
# netchange_bpf_object(<name> <source>): compiles <source> with clang to an object, and the object to the
# skeleton header <name>.skel.h. The interface library bpf_<name> brings the header. No kernel of the build machine
# is read: types come from bpf/lib/kernel_types.h, offsets from the kernel that loads the object.

find_program(CLANG NAMES clang REQUIRED)
find_program(LLVM_STRIP NAMES llvm-strip REQUIRED)
find_program(BPFTOOL NAMES bpftool PATHS /usr/sbin /sbin REQUIRED)

if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64")
  set(BPF_TARGET_ARCH x86)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  set(BPF_TARGET_ARCH arm64)
else()
  message(FATAL_ERROR "no BPF target for ${CMAKE_SYSTEM_PROCESSOR}: add it to cmake/Bpf.cmake and bpf/lib/compat.bpf.h")
endif()
# Where Debian keeps <asm/types.h>, which clang does not search for the target bpf.
set(BPF_FLAGS -g -O2 -Wall -Wextra -Werror -target bpf -D__TARGET_ARCH_${BPF_TARGET_ARCH}
    -idirafter /usr/include/${CMAKE_LIBRARY_ARCHITECTURE} -I ${PROJECT_SOURCE_DIR})

# An object without a skeleton, for programs that load it themselves.
function(netchange_bpf_compile source object)
  add_custom_command(
    OUTPUT ${object}
    COMMAND ${CLANG} ${BPF_FLAGS} -MD -MF ${object}.d -MT ${object} -c ${source} -o ${object}
    COMMAND ${LLVM_STRIP} -g ${object}
    DEPENDS ${source}
    DEPFILE ${object}.d
    COMMENT "BPF ${object}"
    VERBATIM)
endfunction()

function(netchange_bpf_object name source)
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.bpf.o)
  set(skeleton ${CMAKE_CURRENT_BINARY_DIR}/skeletons/${name}.skel.h)
  netchange_bpf_compile(${source} ${object})
  add_custom_command(
    OUTPUT ${skeleton}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_CURRENT_BINARY_DIR}/skeletons
    COMMAND sh -c "\"${BPFTOOL}\" gen skeleton \"$1\" name ${name}_bpf > \"$2\"" skeleton ${object} ${skeleton}
    DEPENDS ${object}
    COMMENT "skeleton of ${name}"
    VERBATIM)
  add_custom_target(skeleton_${name} DEPENDS ${skeleton})
  add_library(bpf_${name} INTERFACE)
  add_dependencies(bpf_${name} skeleton_${name})
  target_include_directories(bpf_${name} SYSTEM INTERFACE ${CMAKE_CURRENT_BINARY_DIR}/skeletons)
  target_link_libraries(bpf_${name} INTERFACE PkgConfig::LIBBPF)
endfunction()
