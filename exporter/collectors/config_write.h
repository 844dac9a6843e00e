// SPDX-License-Identifier: Apache-2.0
// Shared by the collectors of configuration writes: their entries have one key, their events one
// form.
#pragma once

#include "collectors/collector.h"

namespace netchange {

/// Reads the maps `config_writes` and `config_values`, and adds their families.
Status CollectConfigWrites(const BpfObject& object, Scrape& scrape);

/// Setting, old and new value of a configuration write's event.
EventDescription DescribeConfigWrite(const event& e);
/// The same with values in words of the caller's, printable ones.
EventDescription DescribeConfigWrite(const event& e, std::string (*text)(const setting_value&));

}  // namespace netchange
