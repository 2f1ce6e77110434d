// Word to systemd (sd_notify(3)): READY=1, STOPPING=1. Does nothing where NOTIFY_SOCKET is not set.
#pragma once

#include <string_view>

namespace tocsin::app {

void notify_service_manager(std::string_view state) noexcept;

} // namespace tocsin::app
