#include "run_names.hpp"

#include <charconv>

namespace headrace::api {

std::shared_ptr<const RunName> RunNames::get(storage::Reader& reader, std::int64_t number) {
  if (number <= 0) return nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = index_.find(number); found != index_.end()) {
      recent_.splice(recent_.begin(), recent_, found->second);
      return recent_.front();
    }
  }
  const storage::Reader::Snapshot snapshot(reader);
  const auto row = reader.run(number);
  if (!row) return nullptr;
  auto name = std::make_shared<RunName>();
  name->number = number;
  name->run_id = row->run_id;
  for (auto& step : reader.steps(number)) name->step_keys.push_back(std::move(step.step_key));

  const std::lock_guard lock(mutex_);
  if (index_.contains(number)) return name;
  recent_.push_front(name);
  index_[number] = recent_.begin();
  steps_ += name->step_keys.size();
  while (recent_.size() > k_most_runs || (recent_.size() > 1 && steps_ > most_steps_)) drop_oldest();
  return name;
}

void RunNames::drop_oldest() {
  steps_ -= recent_.back()->step_keys.size();
  index_.erase(recent_.back()->number);
  recent_.pop_back();
}

Result<std::int64_t> find_run(storage::Reader& reader, const std::string& text) {
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  const bool is_number = error == std::errc() && stopped == end && number > 0;
  if (is_number ? reader.run(number).has_value() : false) return number;
  if (!is_number)
    if (const auto found = reader.run_number(text)) return *found;
  return fail(ErrorCode::not_found, "There is no run “" + text + "”.");
}

}  // namespace headrace::api
