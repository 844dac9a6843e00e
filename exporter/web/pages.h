// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "collectors/collector_set.h"
#include "events/event_log.h"
#include "web/server.h"

namespace netchange {

/// All pages. The arguments must outlive the server.
WebServer::Routes MakeRoutes(const std::string& telemetry_path, CollectorSet& collectors,
                             const EventLog& log);

/// The start page.
std::string LandingPage(const std::string& telemetry_path,
                        const std::vector<RunningCollector>& collectors,
                        const std::vector<Change>& newest);

}  // namespace netchange
