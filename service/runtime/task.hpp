// The executor of the relay thread as a concrete type, and coroutines on it: on the way of every event a type-erased executor
// would cost an indirect call for each suspension.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tocsin::runtime {

using executor = boost::asio::io_context::executor_type;

// A coroutine that only coroutines of the same kind can await; task_group::spawn() starts both kinds.
template <class T = void>
using task = boost::asio::awaitable<T, executor>;

inline constexpr boost::asio::use_awaitable_t<executor> use_task{};

} // namespace tocsin::runtime
