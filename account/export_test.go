package account

import "time"

// AppCode is the code an authenticator app shows at a time.
func AppCode(secret []byte, at time.Time) string { return appCode(secret, at.Unix()/appStep) }
