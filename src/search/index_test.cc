#include "search/index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace gw::search {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// What sixty tools of the usual servers say about themselves.
std::vector<Document> tools() {
  return {
      {"read_file", "", "Read the complete contents of a file from the file system as text.", {"path", "head"}, {}},
      {"write_file", "", "Create a new file or completely overwrite an existing file.", {"path", "content"}, {}},
      {"edit_file", "", "Make line-based edits to a text file and show a git-style diff.", {"path", "edits"}, {}},
      {"list_directory", "", "Get a detailed listing of all files and directories in a path.", {"path"}, {}},
      {"create_directory", "", "Create a new directory or make sure that it exists.", {"path"}, {}},
      {"move_file", "", "Move or rename files and directories.", {"source", "destination"}, {}},
      {"search_files", "", "Recursively search for files that match a pattern.", {"path", "pattern"}, {}},
      {"get_file_info", "", "Retrieve size, times and permissions of a file.", {"path"}, {}},
      {"createPullRequest",
       "Open a pull request",
       "Create a pull request in a GitHub repository.",
       {"owner", "repo"},
       {}},
      {"mergePullRequest", "", "Merge a pull request of a repository.", {"owner", "repo", "pullNumber"}, {}},
      {"listPullRequests", "", "List pull requests of a repository.", {"owner", "repo", "state"}, {}},
      {"createIssue", "", "Open a new issue in a GitHub repository.", {"owner", "repo", "title", "labels"}, {}},
      {"addIssueComment", "", "Comment on an issue.", {"owner", "repo", "body"}, {}},
      {"searchIssues", "", "Search issues across repositories.", {"q", "sort"}, {}},
      {"searchCode", "", "Search source code across GitHub repositories.", {"q"}, {}},
      {"createBranch", "", "Create a branch in a repository.", {"owner", "repo", "branch"}, {}},
      {"forkRepository", "", "Fork a repository to your account.", {"owner", "repo"}, {}},
      {"listCommits", "", "List the commits of a branch.", {"owner", "repo", "sha"}, {}},
      {"git_status", "", "Show the state of the working tree.", {"repo_path"}, {}},
      {"git_diff_staged", "", "Show changes that are staged for commit.", {"repo_path"}, {}},
      {"git_commit", "", "Record changes to the repository.", {"repo_path", "message"}, {}},
      {"git_checkout", "", "Switch branches.", {"repo_path", "branch_name"}, {}},
      {"git_log", "", "Show the commit history.", {"repo_path", "max_count"}, {}},
      {"slack_post_message", "", "Post a message to a Slack channel.", {"channel_id", "text"}, {}},
      {"slack_list_channels", "", "List public channels of the workspace.", {"limit"}, {}},
      {"slack_get_users", "", "Get all people of the workspace with their profiles.", {"cursor"}, {}},
      {"slack_add_reaction", "", "Add an emoji reaction to a message.", {"channel_id", "reaction"}, {}},
      {"query", "Run SQL", "Run a read-only SQL query against PostgreSQL.", {"sql"}, {"database"}},
      {"describe_table", "", "Show columns and types of a table.", {"table"}, {"database"}},
      {"list_tables", "", "List the tables of the schema.", {"schema"}, {"database"}},
      {"brave_web_search", "", "Search the web for pages, news and articles.", {"query", "count"}, {}},
      {"brave_local_search", "", "Search for local businesses and places.", {"query"}, {}},
      {"fetch", "", "Fetch a URL from the internet and return it as markdown.", {"url", "max_length"}, {}},
      {"browser_navigate", "", "Navigate the browser to a URL.", {"url"}, {}},
      {"browser_click", "", "Click on an element of the page.", {"selector"}, {}},
      {"browser_screenshot", "", "Take a screenshot of the current page.", {"name", "width"}, {}},
      {"browser_fill", "", "Fill in an input field of a form.", {"selector", "value"}, {}},
      {"maps_geocode", "", "Convert an address into coordinates.", {"address"}, {}},
      {"maps_directions", "", "Get directions between two places.", {"origin", "destination", "mode"}, {}},
      {"maps_elevation", "", "Get the elevation of locations.", {"locations"}, {}},
      {"get_forecast", "", "Get the weather forecast for a location.", {"latitude", "longitude"}, {}},
      {"get_alerts", "", "Get weather alerts for a state.", {"state"}, {}},
      {"create_entities", "", "Create entities in the knowledge graph.", {"entities"}, {"memory"}},
      {"add_observations", "", "Add observations to entities of the knowledge graph.", {"observations"}, {"memory"}},
      {"search_nodes", "", "Search for nodes in the knowledge graph.", {"query"}, {"memory"}},
      {"get_current_time", "", "Get the current time in a time zone.", {"timezone"}, {}},
      {"convert_time", "", "Convert a time between time zones.", {"source_timezone", "target_timezone"}, {}},
      {"send_email", "", "Send an email.", {"to", "subject", "body"}, {}},
      {"search_emails", "", "Search the mailbox.", {"query"}, {}},
      {"list_events", "", "List events of a calendar.", {"calendarId", "timeMin"}, {"calendar"}},
      {"create_event", "", "Create a meeting and invite attendees.", {"summary", "start", "attendees"}, {"calendar"}},
      {"list_pods", "", "List pods of a Kubernetes namespace.", {"namespace"}, {}},
      {"get_pod_logs", "", "Get the logs of a pod.", {"namespace", "pod", "tail"}, {}},
      {"scale_deployment", "", "Set the number of replicas of a deployment.", {"namespace", "replicas"}, {}},
      {"s3_list_buckets", "", "List buckets of object storage.", {}, {"aws"}},
      {"s3_get_object", "", "Download an object.", {"bucket", "key"}, {"aws"}},
      {"create_invoice", "", "Create an invoice for a customer.", {"customer", "amount"}, {"payments"}},
      {"refund_payment", "", "Refund a payment.", {"charge", "amount"}, {"payments"}},
      {"translate_text", "", "Translate text into another language.", {"text", "target_language"}, {}},
      {"поиск_документов", "", "Поиск документов в архиве.", {"запрос"}, {}},
  };
}

std::string best(std::string_view query) {
  const auto all = tools();
  const auto hits = Index::make(all)->search(query, 1);
  return hits.empty() ? "" : std::string(all[hits[0].document].name);
}

TEST(Search, FindsTheToolThatIsMeant) {
  ASSERT_THAT(tools(), SizeIs(60));
  const std::vector<std::pair<std::string, std::string>> judged = {
      {"read a file", "read_file"},
      {"overwrite existing file", "write_file"},
      {"rename file", "move_file"},
      {"file permissions", "get_file_info"},
      {"open a pull request", "createPullRequest"},
      {"merging pull requests", "mergePullRequest"},
      {"create_pull_request", "createPullRequest"},
      {"createpullrequest", "createPullRequest"},
      {"comment on issue", "addIssueComment"},
      {"search code on github", "searchCode"},
      {"switch branch", "git_checkout"},
      {"commit history", "git_log"},
      {"post message in slack", "slack_post_message"},
      {"emoji reactions", "slack_add_reaction"},
      {"run sql", "query"},
      {"columns of a table", "describe_table"},
      {"search the web", "brave_web_search"},
      {"fetch url", "fetch"},
      {"take screenshots", "browser_screenshot"},
      {"fill form", "browser_fill"},
      {"directions between places", "maps_directions"},
      {"weather forecast", "get_forecast"},
      {"knowledge graph search", "search_nodes"},
      {"what is the current time", "get_current_time"},
      {"timezone conversion convert", "convert_time"},
      {"send email", "send_email"},
      {"schedule meeting with attendees", "create_event"},
      {"pod logs", "get_pod_logs"},
      {"replicas", "scale_deployment"},
      {"download s3 object", "s3_get_object"},
      {"refunding payments", "refund_payment"},
      {"translation translate language", "translate_text"},
      {"ПОИСК документов", "поиск_документов"},
  };
  for (const auto& [query, tool] : judged) EXPECT_EQ(best(query), tool) << query;
}

TEST(Search, GivesTheBestFirstAndNoMoreThanAskedFor) {
  const auto index = Index::make(tools());
  const auto hits = index->search("search files", 5);
  ASSERT_THAT(hits, SizeIs(5));
  EXPECT_TRUE(std::ranges::is_sorted(hits, std::ranges::greater(), &Hit::score));
  EXPECT_EQ(tools()[hits[0].document].name, "search_files");
  EXPECT_GT(hits.back().score, 0);
  EXPECT_THAT(index->search("search files", 0), IsEmpty());
}

TEST(Search, KeepsTheOrderOfEquals) {
  const std::vector<Document> same(3, {"a_tool", "", "Says hello.", {}, {}});
  std::vector<std::size_t> order;
  for (const Hit& hit : Index::make(same)->search("hello", 9)) order.push_back(hit.document);
  EXPECT_THAT(order, ElementsAre(0, 1, 2));
}

TEST(Search, FindsOnlyWhatIsAllowed) {
  const auto index = Index::make(tools());
  std::vector<bool> allowed(60);
  allowed[7] = true;
  const auto hits = index->search("read a file", 9, allowed);
  ASSERT_THAT(hits, SizeIs(1));
  EXPECT_EQ(hits[0].document, 7u);
}

TEST(Search, UnknownWordsFindNothing) {
  EXPECT_EQ(best("quetzalcoatl"), "");
  EXPECT_EQ(best(""), "");
  EXPECT_THAT(Index::make({})->search("a", 9), IsEmpty());
}

TEST(Search, NamesTitlesTagsAndParametersCount) {
  const auto index = Index::make({{"alpha", "", "beta", {}, {}},
                                  {"x", "", "alpha beta gamma delta", {}, {}},
                                  {"y", "Epsilon", "", {}, {}},
                                  {"z", "", "", {"customerNumber"}, {"zeta"}}});
  EXPECT_EQ(index->search("alpha", 1)[0].document, 0u);
  EXPECT_EQ(index->search("epsilon", 1)[0].document, 2u);
  EXPECT_EQ(index->search("zeta", 1)[0].document, 3u);
  EXPECT_EQ(index->search("customer", 1)[0].document, 3u);
}

TEST(Search, RepeatingAWordInTheQueryChangesNothing) {
  const auto index = Index::make(tools());
  EXPECT_EQ(index->search("file", 1)[0].score, index->search("file files FILE", 1)[0].score);
}

}  // namespace
}  // namespace gw::search
