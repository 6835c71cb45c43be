-- Tells the guard, by a variable that makes it refuse, of headers that Apache hands on to a proxied application
-- but does not show the guard: those whose names have other characters than letters, digits and hyphens, for
-- an application may take X.Doorward.Role for X-Doorward-Role; and a Connection that would have the proxy
-- drop one of the guard's own (RFC 9110, section 7.6.1).
--
-- SetEnvIf knows regular expressions for names, too, but looks at the last header that fits alone: an empty
-- one would hide the others.
require "apache2"

function look(r)
	local forged = (r.headers_in["Connection"] or ""):lower():find("x-doorward-", 1, true)
	for name in pairs(r:headers_in_table()) do
		forged = forged or name:lower():gsub("[^%w]", "-"):find("^x%-doorward%-")
	end
	if forged then
		r.subprocess_env["HTTP_X_DOORWARD_FORGED"] = "1"
	end
	return apache2.DECLINED
end
