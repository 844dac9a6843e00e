// SPDX-License-Identifier: Apache-2.0
// Shared parts of the collectors' tables: labels of every key, metrics of every counter, names of
// closed sets.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "bpf/abi/counter.h"
#include "bpf_objects.h"
#include "collectors/collector.h"
#include "kernel/clock.h"
#include "kernel/irq_devices.h"
#include "kernel/netns_names.h"
#include "metrics/label_schema.h"
#include "util/text.h"

/// A compiled BPF object, embedded in this program.
#define ELF_OF(stem)                      \
  ::netchange::ObjectSource {             \
#stem, { stem##_elf, stem##_elf_end } \
  }

namespace netchange {

/// Name of one member of a closed set.
struct NumberName {
  std::uint32_t number;
  const char* name;
};

/// The name of `number`; "unknown" if the table does not have it.
std::string NameOf(std::span<const NumberName> names, std::uint32_t number);

/// Symbolic name of a positive errno: "EOPNOTSUPP"; `errno_<number>` if libc does not know it.
std::string ErrnoName(std::uint16_t error);

inline double CountOf(const counter& c, const RenderContext&) {
  return static_cast<double>(c.count);
}
inline double NewestOf(const counter& c, const RenderContext& context) {
  return context.clock.UnixSeconds(c.last_ns);
}

/// Labels device, netns, comm, parent_comm, unit, then `own`.
template <class Key, std::size_t count>
constexpr std::array<Label<Key>, count + 5> WithCommonLabels(const Label<Key> (&own)[count]) {
  std::array<Label<Key>, count + 5> all{{
      {"device", [](const Key& k, const RenderContext&) { return PrintableText(k.device.name); }},
      {"netns", [](const Key& k, const RenderContext& c) { return c.netns.Name(k.device); }},
      {"comm", [](const Key& k, const RenderContext&) { return PrintableText(k.actor.comm); }},
      {"parent_comm",
       [](const Key& k, const RenderContext&) { return PrintableText(k.actor.parent_comm); }},
      {"unit", [](const Key& k, const RenderContext&) { return PrintableText(k.actor.unit); }},
  }};
  for (std::size_t i = 0; i < count; ++i) all[i + 5] = own[i];
  return all;
}

/// `labels` plus errno, for metrics of errors.
template <class Key, std::size_t count>
constexpr std::array<Label<Key>, count + 1> WithErrno(const std::array<Label<Key>, count>& labels) {
  std::array<Label<Key>, count + 1> all{};
  for (std::size_t i = 0; i < count; ++i) all[i] = labels[i];
  all[count] = {"errno", [](const Key& k, const RenderContext&) { return ErrnoName(k.error); }};
  return all;
}

}  // namespace netchange
